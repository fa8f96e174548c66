class CreatePeople < ActiveRecord::Migration[7.1]
  def change
    create_table :schools do |t|
      t.string :name, null: false
      t.string :town
    end
    create_table :users, comment: "Everybody who can sign in" do |t|
      t.string :email, null: false, index: { unique: true }
      t.string :username, :full_name
      t.date :birth_date
      t.string :password_digest, null: false
      t.integer :grade_level
      t.references :school, foreign_key: true
      t.string :favourite_colour
      t.inet :last_sign_in_ip
      t.string :zz,
               comment: "social security number; of staff only"
      t.datetime :created_at, null: false
    end
    create_table :guardians do |t|
      t.string :name, :email
      t.references :student, null: false, foreign_key: { to_table: :users }
    end
  end
end
